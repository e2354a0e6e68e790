// Marking how far a dispute may escalate: the desk's alone.
import { toValue, type MaybeRefOrGetter } from 'vue'
import { api, type Schema } from '@/api/client'
import { answer } from '@/api/problem'
import { useWrite } from '@/api/write'

export function useRisk(id: MaybeRefOrGetter<string>) {
  return useWrite({
    draft: () => `risk.${toValue(id)}`,
    send: (body: Schema<'RiskRequest'>, key) =>
      answer(
        api.POST('/mediation-cases/{case_id}/risks', {
          params: { path: { case_id: toValue(id) }, header: { 'Idempotency-Key': key } },
          body,
        }),
      ),
    changes: [['mediation-cases']],
  })
}
