#!/usr/bin/env node
import { ignoreBrokenPipes } from './start/broken-pipes.ts'
import { startCommandLine } from './start/start-command-line.ts'

ignoreBrokenPipes([process.stdout, process.stderr])
process.exitCode = await startCommandLine(process.argv.slice(2))
