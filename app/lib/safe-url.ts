/** Where the route lives; the only place that pictures and files may come from. */
export const assistantPath = '/api/assistant';

/** A file by its id, or by its name in the sandbox of its thread: so says a text of a file that the run had not handed in yet. */
const ownFile = new RegExp(`^${assistantPath}/(?:files|threads/thread_\\w+/files)/[^/\\\\\\s?#]+$`);

/** Whether a URL names a file of our own route. Anything else could tell a stranger what was said. */
export function isOwnFile(url: unknown): url is string {
  return typeof url === 'string' && ownFile.test(url) && !/\.\.|%2e/i.test(url);
}

/** Whether a link in an answer may be followed: our own files, and the web over https. */
export function isSafeLink(url: unknown): url is string {
  if (isOwnFile(url)) return true;
  if (typeof url !== 'string' || !/^https:\/\//i.test(url)) return false;
  return URL.canParse(url) && new URL(url).protocol === 'https:';
}
