// A file for the person's disk: from text made here, or from the server with a word on how far it is.
export function saveFile(content: Blob, name: string): void {
  const address = URL.createObjectURL(content)
  const link = document.createElement('a')
  link.href = address
  // What a file name must not hold on one of the systems in use.
  link.download = name.replace(/[\\/:*?"<>|\s]+/g, '_')
  document.body.append(link)
  link.click()
  link.remove()
  setTimeout(() => URL.revokeObjectURL(address), 60_000)
}

/** CSV as spreadsheets read it: the mark of UTF-8, quotes where needed. */
export function csvOf(rows: readonly (readonly string[])[]): Blob {
  const cell = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)
  const text = rows.map((row) => `${row.map(cell).join(',')}\r\n`).join('')
  return new Blob([`\uFEFF${text}`], { type: 'text/csv' })
}

export async function collect(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  type: string,
  onPiece: (piece: Uint8Array) => void,
): Promise<Blob> {
  const pieces: Uint8Array<ArrayBuffer>[] = []
  const reader = stream.getReader()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return new Blob(pieces, { type })
    pieces.push(value)
    onPiece(value)
  }
}
