/** Post-aggregations over whole columns: an operand is a column of numbers, NaN being null. */
import type { ArithmeticFunction, Expression } from '../../dsl/query.js'
import type { MetricColumn } from './metric-column.js'

type Fold = (values: Float64Array, operand: Float64Array) => void

/** Null stays null, since NaN spreads; but pow(x, 0) is 1 even of NaN. */
const ARITHMETIC: Readonly<Record<ArithmeticFunction, Fold>> = {
  '+': (values, operand) => { for (let i = 0; i < values.length; i++) values[i] += operand[i] },
  '-': (values, operand) => { for (let i = 0; i < values.length; i++) values[i] -= operand[i] },
  '*': (values, operand) => { for (let i = 0; i < values.length; i++) values[i] *= operand[i] },
  '/': (values, operand) => {
    for (let i = 0; i < values.length; i++) values[i] = operand[i] !== 0 ? values[i] / operand[i] : values[i] === values[i] ? 0 : NaN
  },
  quotient: (values, operand) => { for (let i = 0; i < values.length; i++) values[i] /= operand[i] },
  pow: (values, operand) => { for (let i = 0; i < values.length; i++) values[i] = values[i] === values[i] ? values[i] ** operand[i] : NaN }
}

const EXTREME: Readonly<Record<'greatest' | 'least', Fold>> = {
  greatest: (values, operand) => {
    for (let i = 0; i < values.length; i++) if (!(values[i] >= operand[i]) && operand[i] === operand[i]) values[i] = operand[i]
  },
  least: (values, operand) => {
    for (let i = 0; i < values.length; i++) if (!(values[i] <= operand[i]) && operand[i] === operand[i]) values[i] = operand[i]
  }
}

/** A new column of `n` numbers. `metricOf` gives a column of the answer. In steps. */
export function* evaluate(
  expression: Expression, n: number, metricOf: (metric: number) => Generator<void, MetricColumn, void>
): Generator<void, Float64Array, void> {
  if (expression.type === 'constant') return new Float64Array(n).fill(expression.value)
  if (expression.type === 'field') {
    const column = yield* metricOf(expression.metric)
    return column instanceof Float64Array ? column.slice() : Float64Array.from(column, value => typeof value === 'number' ? value : NaN)
  }
  const fold = expression.type === 'arithmetic' ? ARITHMETIC[expression.fn] : EXTREME[expression.type]
  let values: Float64Array | null = null
  for (const field of expression.fields) {
    const operand: Float64Array = yield* evaluate(field, n, metricOf)
    if (expression.type !== 'arithmetic' && expression.whole) for (let i = 0; i < n; i++) operand[i] = Math.trunc(operand[i])
    if (values === null) values = operand
    else fold(values, operand)
    yield
  }
  return finite(values ?? new Float64Array(n).fill(NaN))
}

/** What is no finite number is null, and zero has no sign. */
function finite(values: Float64Array): Float64Array {
  for (let i = 0; i < values.length; i++) values[i] = Number.isFinite(values[i]) ? values[i] + 0 : NaN
  return values
}
