/** For tests of connectors of one's own: see docs/sources.md. */
export { contractTests, type ContractOptions, type ContractTest, type ContractWorld } from './contract.js'
export { faultyFetch, FETCH_FAULTS, type FetchFault } from './faulty-fetch.js'
