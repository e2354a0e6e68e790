import { mount } from '@vue/test-utils'
import { nextTick, ref } from 'vue'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Problem } from '@/api/problem'
import { i18n } from '@/i18n'
import AsyncState from '@/ui/AsyncState.vue'

function asked() {
  return {
    data: ref<string[] | undefined>(),
    error: ref<Error | null>(null),
    isPending: ref(true),
    isFetching: ref(true),
    fetchStatus: ref('fetching'),
    refetch: vi.fn(),
  }
}

function show(query: ReturnType<typeof asked>) {
  return mount(AsyncState<string[]>, {
    props: { query, empty: (data: string[]) => data.length === 0 },
    slots: { default: '<p class="content">content</p>', empty: '<p class="empty">empty</p>' },
    global: { plugins: [i18n] },
  })
}

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

describe('AsyncState', () => {
  it('shows a skeleton after 300 ms, not before', async () => {
    const view = show(asked())
    expect(view.find('.skeleton').exists()).toBe(false)
    vi.advanceTimersByTime(310)
    await nextTick()
    expect(view.find('.skeleton').exists()).toBe(true)
  })

  it('shows content or what an empty list means', async () => {
    const query = asked()
    const view = show(query)
    query.data.value = ['a']
    await nextTick()
    expect(view.find('.content').exists()).toBe(true)
    query.data.value = []
    await nextTick()
    expect(view.find('.empty').exists()).toBe(true)
  })

  it('shows the problem with its number and one retry, and keeps what is known', async () => {
    const query = asked()
    const view = show(query)
    query.data.value = ['a']
    query.error.value = new Problem(500, { title: '出错了', request_id: 'r-17' }, new Headers())
    query.isFetching.value = false
    await nextTick()
    expect(view.text()).toContain('r-17')
    expect(view.find('.content').exists()).toBe(true)
    await view.find('[role=alert] button').trigger('click')
    expect(query.refetch).toHaveBeenCalledTimes(1)
  })

  it('says that there is no network', async () => {
    const query = asked()
    query.fetchStatus.value = 'paused'
    expect(show(query).text()).toContain('没有网络')
  })
})
