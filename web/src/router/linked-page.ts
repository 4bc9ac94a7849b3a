/** Returns the path of another page of the gateway, as the server wrote it into this page; undefined if this port does not serve it. */
export function linkedPage(name: 'tidegate-explorer' | 'tidegate-dashboard'): string | undefined {
  return document.querySelector<HTMLMetaElement>(`meta[name="${name}"]`)?.content
}
