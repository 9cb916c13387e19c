// Why a track is not heard, in words, and what a person can do about it. Pure.

/** The pause before trying again where the server names none, in seconds, and the longest. */
const SOON = 5;
const LONGEST = 120;

/** How somebody tries again. */
const again = (label) => ({ label, retry: true });

/**
 * What an answer other than a link means: { kind, text, actions, wait }. An action has a label, and an
 * address (`href`) or that it tries again (`retry`); `wait` is in how many seconds it is tried again
 * without anybody asking, or null.
 *
 * `answer` is { status, body, retryAfter }, with the status 0 when there was none; `signIn` is the
 * action that signs in.
 */
export function refusalOf({ status, body, retryAfter }, track, signIn) {
  const wait = Math.min(retryAfter > 0 ? retryAfter : SOON, LONGEST);
  switch (status) {
    case 0:
      return told("silent", "The site cannot be reached. Are you online?", [again("Try again")]);
    case 401:
      return told("sign_in", "Sign in to hear this.", [signIn]);
    case 402: {
      const artist = body?.artist ?? track.artist;
      const support = webAddress(body?.support_url ?? track.support);
      const actions = [again("I support them now: try again")];
      if (support) actions.unshift({ label: `Support ${artist}`, href: support });
      return told("support", `For supporters of ${artist}.`, actions);
    }
    case 404:
    case 410:
      return told("gone", "This track is not here any more.", []);
    case 429:
      return told("busy", "A little slower, please.", [again("Try now")], wait);
    case 503:
      return told("unknown", unknown(body?.code), [again("Try now")], wait);
    default:
      return told("failed", "Something went wrong at the site.", [again("Try again")]);
  }
}

/** What to say when the server gives links, and nothing comes through them. */
export function broken() {
  return told("broken", "The sound broke off, and does not come back.", [again("Try again")]);
}

function told(kind, text, actions, wait = null) {
  return { kind, text, actions, wait };
}

function unknown(code) {
  if (code === "support_unknown") return "Whether you support this artist cannot be checked at the moment.";
  if (code === "publishing") return "This track is being published.";
  return "This cannot be answered at the moment.";
}

/** An address that a link may lead to; a server is not believed to send nothing else. */
function webAddress(text) {
  return /^https?:\/\//i.test(text ?? "") ? text : null;
}
