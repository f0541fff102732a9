/** Whom a request of k6's was for. */

const URL_PARTS = /^(https?):\/\/(?:[^/@]*@)?(\[[0-9a-f:.]+\]|[^/:?#]+)(?::(\d+))?/i;

/** `http://gateway:8080/browse` is for `gateway:8080`; null where it is no HTTP address. */
export function target(url: string): string | null {
  const parts = URL_PARTS.exec(url);
  if (parts === null) return null;
  const port = parts[3] ?? (parts[1]!.toLowerCase() === 'https' ? '443' : '80');
  return `${parts[2]!.toLowerCase()}:${port}`;
}
