import type { PricedBoard } from '../run/boards/holders.ts'

export const cheapestText = (cheapest: PricedBoard | null): string =>
  cheapest ? `${cheapest.target} (${cheapest.price})` : 'none of those with a price'
