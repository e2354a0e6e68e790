// All of a list that is known to be short, page by page, with a bound.
interface Page<Item> {
  items: Item[]
  next_cursor: string | null
}

export interface Walked<Item> {
  items: Item[]
  /** The bound was reached and there is more. */
  cut: boolean
}

export async function walk<Item>(
  page: (cursor: string | undefined) => Promise<Page<Item>>,
  most = 6,
): Promise<Walked<Item>> {
  const items: Item[] = []
  let cursor: string | undefined
  for (let count = 0; count < most; count++) {
    const one = await page(cursor)
    items.push(...one.items)
    if (one.next_cursor === null) return { items, cut: false }
    cursor = one.next_cursor
  }
  return { items, cut: true }
}
