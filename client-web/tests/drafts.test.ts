import { beforeEach, describe, expect, it } from 'vitest'
import { dropAllDrafts, keyOf, loadDraft, saveDraft, settleKey } from '@/api/drafts'

beforeEach(() => {
  localStorage.clear()
  sessionStorage.clear()
})

describe('the key of a draft', () => {
  it('stays the same while the same content is sent again', () => {
    expect(keyOf('a', { n: 1 })).toBe(keyOf('a', { n: 1 }))
  })

  it('changes with the content, with the draft, and after a final answer', () => {
    const first = keyOf('a', { n: 1 })
    expect(keyOf('b', { n: 1 })).not.toBe(first)
    expect(keyOf('a', { n: 2 })).not.toBe(first)
    const second = keyOf('a', { n: 2 })
    settleKey('a')
    expect(keyOf('a', { n: 2 })).not.toBe(second)
  })

  it('is one the contract takes', () => {
    expect(keyOf('a', undefined)).toMatch(/^[A-Za-z0-9_.:~-]{8,128}$/)
  })
})

describe('drafts', () => {
  it('survive, and are gone after signing out', () => {
    saveDraft('mediation', { title: '漏水' })
    keyOf('mediation', {})
    localStorage.setItem('linli.preferences', '{}')
    expect(loadDraft('mediation')).toEqual({ title: '漏水' })
    dropAllDrafts()
    expect(loadDraft('mediation')).toBeUndefined()
    expect(sessionStorage.length).toBe(0)
    expect(localStorage.getItem('linli.preferences')).toBe('{}')
  })

  it('that cannot be read are no drafts', () => {
    localStorage.setItem('linli.draft.x', '{')
    expect(loadDraft('x')).toBeUndefined()
  })
})
