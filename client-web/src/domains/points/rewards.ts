// Why a reward cannot be had at this moment. The server decides; this only spares a tap that would be refused.
import type { Reward } from './queries'

export type Hindrance = 'stock' | 'limit' | 'points'

export function hindrance(reward: Reward, available: number | undefined): Hindrance | undefined {
  if (reward.stock_left <= 0) return 'stock'
  if (reward.per_person_limit !== null && reward.mine >= reward.per_person_limit) return 'limit'
  if (available !== undefined && available < reward.price_points) return 'points'
  return undefined
}

/** How many of it one person could have now. */
export function most(reward: Reward, available: number): number {
  const limits = [reward.stock_left, Math.floor(available / Math.max(1, reward.price_points)), 20]
  if (reward.per_person_limit !== null) limits.push(reward.per_person_limit - reward.mine)
  return Math.max(0, Math.min(...limits))
}
