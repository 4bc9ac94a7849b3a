/** A point in a picture, in SVG units from the top left corner of the picture. */
export interface Place {
  readonly x: number
  readonly y: number
}

export interface TextStyle {
  readonly size: number
  readonly color?: string
  readonly weight?: number
  /** Rotation in degrees, clockwise. */
  readonly turn?: number
  readonly isCode?: boolean
}

/** Returns the SVG element for a text. @param place Left end of the text, at half the height of its letters. */
export function text({ x, y }: Place, content: string, { size, color = '#24292f', weight = 400, turn, isCode }: TextStyle): string {
  const turned = turn === undefined ? '' : ` transform="rotate(${turn} ${x} ${y})"`
  const font = isCode ? ` font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace"` : ''
  return `<text x="${x}" y="${y}" font-size="${size}" font-weight="${weight}" fill="${color}" dominant-baseline="middle"${font}${turned}>${escaped(content)}</text>`
}

export function rectangle({ x, y }: Place, width: number, height: number, color: string): string {
  return `<rect x="${x}" y="${y}" width="${width}" height="${height}" fill="${color}"/>`
}

export function line(from: Place, to: Place, color: string): string {
  return `<line x1="${from.x}" y1="${from.y}" x2="${to.x}" y2="${to.y}" stroke="${color}"/>`
}

export function circle({ x, y }: Place, radius: number, color: string, isFilled: boolean): string {
  return `<circle cx="${x}" cy="${y}" r="${radius}" fill="${isFilled ? color : '#ffffff'}" stroke="${color}" stroke-width="1.5"/>`
}

/** Returns the SVG elements for a word in a rounded frame. */
export function pill({ x, y }: Place, word: string, color: string): readonly string[] {
  return [
    `<rect x="${x}" y="${y - 8}" width="62" height="16" rx="8" fill="none" stroke="${color}"/>`,
    `<text x="${x + 31}" y="${y + 0.5}" font-size="10" font-weight="600" fill="${color}" text-anchor="middle" dominant-baseline="middle">${escaped(word)}</text>`,
  ]
}

function escaped(content: string): string {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
