// Counts the rows of a file while it arrives.
const quote = 0x22
const lineEnd = 0x0a

/** Takes piece after piece and answers how many rows there have been; undefined where bytes do not tell. */
export function rowCounter(form: 'xlsx' | 'csv' | 'jsonl'): (piece: Uint8Array) => number | undefined {
  // A workbook is compressed.
  if (form === 'xlsx') return () => undefined
  let lines = 0
  let quoted = false
  return (piece) => {
    for (const byte of piece) {
      if (form === 'csv' && byte === quote) quoted = !quoted
      else if (byte === lineEnd && !quoted) lines += 1
    }
    // The first line of CSV is its heading.
    return form === 'csv' ? Math.max(0, lines - 1) : lines
  }
}
