// The words of the demonstration's page.

export { explain } from "./edge-words.mjs";
export { clock, spoken } from "./time.mjs";

/** What to say when there was no answer at all. */
export const SILENT = "The demonstration does not answer. Is “gatefold edge --demo” still running?";
