// Plain words for what the edge answers. The edge's own words are short and for programs.

const CODES = {
  malformed_token: "It is not a sealed link any more: a character is missing, added or changed.",
  unknown_version: "It was sealed in a way that this edge does not know.",
  unknown_edge_key: "It was sealed for another edge.",
  unknown_minter: "It was sealed by somebody whom this edge does not know.",
  not_authentic: "It was changed after it was sealed.",
  expired: "Its window is over, and so is the short grace after it. The same site would have to ask for a new link.",
  not_yet_valid: "Its window has not begun yet.",
  no_client: "The request did not show who asks, or which site it came from, and the link is for one only.",
  wrong_client: "The request came from somebody else, or from another site, than the link is for.",
  access_ended: "Whoever it was made for may not hear this any more.",
};

/** Which check refused, in words. */
const STAGES = {
  token: "the form of the link",
  key: "the keys it names",
  open: "the seal itself",
  payload: "what is sealed in it",
  scope: "what its maker may seal",
  window: "its time",
  client: "who is asking",
};

/** What a response of the edge means, for a person: { ok, head, text }. */
export async function explain(response) {
  if (response.ok || response.status === 304) {
    return { ok: true, head: `Answered (${response.status}).`, text: "The link is good: the right one asks, in time." };
  }
  const { code, stage, detail } = await response.json().catch(() => ({}));
  const by = stage ? ` by the check of ${STAGES[stage] ?? stage}, stage “${stage}”` : "";
  return {
    ok: false,
    code,
    stage,
    head: `Refused (${response.status})${by}.`,
    text: CODES[code] ?? detail ?? "The edge gave no reason.",
  };
}
