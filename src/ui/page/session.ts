import type { Bounded, Bounds, Columns } from './columns.ts'
import type { Model } from './model.ts'

/** What a person looks at: one board, one cost, what the sliders allow. */
export type Session = {
  readonly study: string
  readonly model: Model
  board: number
  axis: Bounded
  /** Of each board. */
  readonly bounds: Bounds[]
  /** Columns of each board, made again when trials came. */
  readonly columns: (Columns | undefined)[]
}

export const newSession = (study: string, model: Model): Session => ({
  study,
  model,
  board: 0,
  axis: 'latencyMs',
  bounds: [],
  columns: [],
})

export const boundsOf = (session: Session): Bounds => session.bounds[session.board] ?? {}

/** A part of the page: made once, brought up to date when what it shows may have changed. */
export type Part = { readonly node: HTMLElement; update(): void }
