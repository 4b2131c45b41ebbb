/** The kernels in WebAssembly; `npm run kernels` makes engine/kernels/module.ts of them. */
export * from './coupon'
export * from './group'
export * from './histogram'
export * from './pairs'
export * from './scan'
export * from './select'
export * from './sketch'
export * from './sum'
