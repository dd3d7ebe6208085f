/** One row of `width` numbers for each example, row after row: what a task asks of the network, as its own file says. */
export type Labels = { readonly values: Float32Array; readonly width: number }

/** Examples that these labels belong to. */
export const countOf = ({ values, width }: Labels): number => values.length / width

/** Labels of one number an example, such as the index of a class. */
export const oneEach = (values: ArrayLike<number>): Labels => ({ values: Float32Array.from(values), width: 1 })

/** The labels of the examples at `indices`, in that order. */
export function labelsAt({ values, width }: Labels, indices: ArrayLike<number>): Labels {
  const picked = new Float32Array(indices.length * width)
  for (let k = 0; k < indices.length; k++) picked.set(values.subarray(indices[k]! * width, (indices[k]! + 1) * width), k * width)
  return { values: picked, width }
}
