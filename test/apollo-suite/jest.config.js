export default {
  testMatch: ['<rootDir>/suite.js'],
  transform: { '\\.ts$': '<rootDir>/strip-types.js' },
  extensionsToTreatAsEsm: ['.ts'],
  resolver: '<rootDir>/resolve.cjs',
  reporters: ['default', '<rootDir>/all-passed.js'],
}
