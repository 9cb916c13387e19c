// What is played after and before a track. Pure: lists of tracks, which are told apart by their files.

const place = (tracks, track) => tracks.findIndex(({ file }) => file === track?.file);

/**
 * The tracks to go on through when one is started on a page that shows `shown`: those that are gone
 * through already, where it is one of them, and otherwise the page's.
 */
export function queueFor(track, queue, shown) {
  if (place(queue, track) >= 0 && !(shown.length > 1 && place(shown, track) >= 0)) return queue;
  return place(shown, track) >= 0 ? shown : [track];
}

/** The one that stands `by` places from a track; null where there is none. */
export function beside(tracks, track, by) {
  const at = place(tracks, track);
  return at < 0 ? null : (tracks[at + by] ?? null);
}
