// A step while it is being written, what the contract takes of it, and whether it says enough.
import { newId } from '@/api/ids'
import type { UnitKind } from '../../queries'
import type { Reorganization, Step, StepAction, StepRequest } from './queries'

export interface Part {
  id: string
  name: string
  unit_ids: string[]
}
export interface StepDraft {
  key: string
  action: StepAction
  unit: string | undefined
  units: string[]
  kind: UnitKind | undefined
  name: string
  ladder: 'territory' | 'leadership'
  parent: string | undefined
  leader: string | undefined
  heir: string | undefined
  continues: boolean
  parts: Part[]
}
export interface Made {
  id: string
  name: string
  kind: string
}

export const actions: readonly StepAction[] = [
  'split',
  'merge',
  'transfer',
  'rename',
  'reparent',
  'create',
  'close',
]

export const newPart = (): Part => ({ id: newId(), name: '', unit_ids: [] })

export function newStep(action: StepAction): StepDraft {
  return {
    key: newId(),
    action,
    unit: action === 'create' ? newId() : undefined,
    units: [],
    kind: action === 'create' ? 'community' : undefined,
    name: '',
    ladder: 'territory',
    parent: undefined,
    leader: undefined,
    heir: undefined,
    continues: false,
    parts: action === 'split' ? [newPart(), newPart()] : action === 'merge' ? [newPart()] : [],
  }
}

export function draftOf(step: Step): StepDraft {
  return {
    key: newId(),
    action: step.action,
    unit: step.unit_id ?? undefined,
    units: [...step.unit_ids],
    kind: (step.kind ?? undefined) as UnitKind | undefined,
    name: step.name ?? '',
    ladder: step.ladder ?? 'territory',
    parent: step.parent_id ?? undefined,
    leader: step.leadership_parent_id ?? undefined,
    heir: step.heir_id ?? undefined,
    continues: step.continues,
    parts: step.into.map(({ id, name, unit_ids }) => ({ id, name, unit_ids: [...unit_ids] })),
  }
}

const text = (value: string) => value.trim()

export function requestOf(step: StepDraft): StepRequest {
  const into = step.parts.map((part) => ({
    id: part.id,
    name: text(part.name),
    ...(part.unit_ids.length ? { unit_ids: part.unit_ids } : {}),
  }))
  const named = { unit_id: step.unit }
  switch (step.action) {
    case 'create':
      return {
        action: 'create',
        ...named,
        kind: step.kind as StepRequest['kind'],
        name: text(step.name),
        parent_id: step.parent,
        ...(step.leader ? { leadership_parent_id: step.leader } : {}),
      }
    case 'close':
      return { action: 'close', ...named, ...(step.heir ? { heir_id: step.heir } : {}) }
    case 'split':
      return {
        action: 'split',
        ...named,
        into,
        ...(step.continues ? { continues: true } : step.heir ? { heir_id: step.heir } : {}),
      }
    case 'merge':
      return {
        action: 'merge',
        unit_ids: step.units,
        ...(step.heir ? { heir_id: step.heir } : { into: into.slice(0, 1) }),
      }
    case 'transfer':
      return { action: 'transfer', unit_ids: step.units, parent_id: step.parent }
    case 'rename':
      return { action: 'rename', ...named, name: text(step.name) }
    case 'reparent':
      return { action: 'reparent', ...named, ladder: step.ladder, parent_id: step.parent }
  }
}

/** Says the step enough to be drafted? Whether it can be done is the preview's question. */
export function isWhole(step: StepDraft): boolean {
  switch (step.action) {
    case 'create':
      return Boolean(step.kind && text(step.name) && step.parent)
    case 'close':
      return Boolean(step.unit)
    case 'split':
      return Boolean(step.unit) && step.parts.length > 0 && step.parts.every((part) => text(part.name))
    case 'merge':
      return step.units.length > 0 && (Boolean(step.heir) || Boolean(text(step.parts[0]?.name ?? '')))
    case 'transfer':
      return step.units.length > 0 && Boolean(step.parent)
    case 'rename':
      return Boolean(step.unit && text(step.name))
    case 'reparent':
      return Boolean(step.unit && step.parent)
  }
}

/** The units that the steps make: later steps and decisions may name them. */
export function madeBy(steps: readonly StepDraft[]): Made[] {
  return steps.flatMap((step) => {
    if (step.action === 'create' && step.unit && text(step.name))
      return [{ id: step.unit, name: text(step.name), kind: step.kind ?? 'community' }]
    if ((step.action === 'split' || step.action === 'merge') && !(step.action === 'merge' && step.heir))
      return step.parts
        .filter((part) => text(part.name))
        .map((part) => ({ id: part.id, name: text(part.name), kind: step.kind ?? 'community' }))
    return []
  })
}

export const madeIn = (document: Pick<Reorganization, 'steps'>): Made[] => madeBy(document.steps.map(draftOf))

/** The units that a step names and that are worth a name in a sentence. */
export function namedIn(step: StepDraft): string[] {
  return [
    step.action === 'create' ? undefined : step.unit,
    step.parent,
    step.leader,
    step.heir,
    ...step.units.slice(0, 6),
  ].filter((id) => id !== undefined)
}
