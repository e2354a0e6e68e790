// The steps of a draft on screen: a sentence for each, and the request without what is empty.
import type { Reorganization, Step } from './queries'

export type Action = Step['action']
export const actions: Action[] = ['split', 'merge', 'transfer', 'rename', 'reparent', 'create', 'close']

/** A step as the server keeps it, as it is sent again. */
export function toRequest(step: Reorganization['steps'][number]): Step {
  const parts = step.into.map(({ id, name, short_name, contact_phone, unit_ids }) => ({
    id,
    name,
    ...(short_name ? { short_name } : {}),
    ...(contact_phone ? { contact_phone } : {}),
    ...(unit_ids.length > 0 ? { unit_ids } : {}),
  }))
  const filled = Object.entries({
    unit_id: step.unit_id,
    kind: step.kind,
    name: step.name,
    short_name: step.short_name,
    contact_phone: step.contact_phone,
    ladder: step.ladder,
    parent_id: step.parent_id,
    leadership_parent_id: step.leadership_parent_id,
    heir_id: step.heir_id,
  }).filter(([, value]) => value !== null)
  return {
    action: step.action,
    ...Object.fromEntries(filled),
    ...(step.unit_ids.length > 0 ? { unit_ids: step.unit_ids } : {}),
    ...(parts.length > 0 ? { into: parts } : {}),
    ...(step.continues ? { continues: true } : {}),
  } as Step
}

/** Every unit that a step names and that is not made by it: their names are asked for. */
export function unitsOf(steps: readonly Step[]): string[] {
  const made = new Set(steps.flatMap((step) => (step.into ?? []).map((part) => part.id)))
  return [
    ...new Set(
      steps
        .flatMap((step) => [step.unit_id, step.parent_id, step.heir_id, ...(step.unit_ids ?? [])])
        .filter((id): id is string => Boolean(id) && !made.has(id)),
    ),
  ]
}

type Translate = (key: string, values: Record<string, unknown>) => string

export function sentence(step: Step, nameOf: (id: string | undefined) => string, t: Translate): string {
  const made = (step.into ?? []).map((part) => part.name).join('、')
  const units = (step.unit_ids ?? []).map(nameOf)
  const some = units.length > 4 ? `${units.slice(0, 3).join('、')}…（${units.length}）` : units.join('、')
  return t(`reorg.says_${step.action}`, {
    unit: nameOf(step.unit_id),
    units: some,
    made,
    name: step.name ?? '',
    parent: nameOf(step.parent_id),
    heir: step.heir_id && !made ? nameOf(step.heir_id) : made,
  })
}
