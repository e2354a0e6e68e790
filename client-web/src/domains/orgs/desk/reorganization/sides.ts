// Two trees side by side, line by line: what ends, what is new, what moved, what got another name.
import type { Preview } from './queries'

export type Node = Preview['before'][number]
export type Mark = 'ends' | 'new' | 'moved' | 'renamed' | undefined

export interface Line {
  node: Node
  level: number
  mark: Mark
}

function inOrder(nodes: readonly Node[]): { node: Node; level: number }[] {
  const known = new Set(nodes.map((one) => one.id))
  const below = (parent: string | undefined, level: number): { node: Node; level: number }[] =>
    nodes
      .filter((one) =>
        parent === undefined ? !one.parent_id || !known.has(one.parent_id) : one.parent_id === parent,
      )
      .flatMap((node) => [{ node, level }, ...below(node.id, level + 1)])
  return below(undefined, 0)
}

function markOf(node: Node, other: Node | undefined, side: 'before' | 'after'): Mark {
  if (!other) return side === 'before' ? 'ends' : 'new'
  if (other.parent_id !== node.parent_id) return 'moved'
  return other.name !== node.name ? 'renamed' : undefined
}

/** Each side as lines in the order of its tree, parents before children. */
export function sidesOf(preview: Pick<Preview, 'before' | 'after'>): { before: Line[]; after: Line[] } {
  const ids = (nodes: readonly Node[]) => new Map(nodes.map((one) => [one.id, one]))
  const before = ids(preview.before)
  const after = ids(preview.after)
  return {
    before: inOrder(preview.before).map((one) => ({
      ...one,
      mark: markOf(one.node, after.get(one.node.id), 'before'),
    })),
    after: inOrder(preview.after).map((one) => ({
      ...one,
      mark: markOf(one.node, before.get(one.node.id), 'after'),
    })),
  }
}
