import type { OpenStep } from '../../engine/cache/index.ts'
import type { OpenOperation } from '../../gateway/graphql/execution/operation-observer.ts'
import type { StepObserver } from './step-observer.ts'

/** A step that two observers record. */
class JoinedStep<Facts, Step extends OpenStep<Facts>> implements OpenStep<Facts> {
  readonly first: Step
  readonly second: Step

  constructor(first: Step, second: Step) {
    this.first = first
    this.second = second
  }

  contain<Result>(work: () => Result): Result {
    return this.first.contain(() => this.second.contain(work))
  }

  waitedFor(other: OpenStep): void {
    if (!(other instanceof JoinedStep)) return
    this.first.waitedFor(other.first)
    this.second.waitedFor(other.second)
  }

  end(facts: Facts): void {
    this.first.end(facts)
    this.second.end(facts)
  }

  fail(error: unknown): void {
    this.first.fail(error)
    this.second.fail(error)
  }
}

class JoinedOperation extends JoinedStep<Parameters<OpenOperation['end']>[0], OpenOperation> implements OpenOperation {
  get traceId(): string | undefined {
    return this.first.traceId ?? this.second.traceId
  }

  serverTiming(): string | undefined {
    return this.first.serverTiming() ?? this.second.serverTiming()
  }
}

/** Returns an observer that passes each step to two observers. */
export function joinObservers(first: StepObserver, second: StepObserver): StepObserver {
  return {
    beginOperation: (...facts) => new JoinedOperation(first.beginOperation(...facts), second.beginOperation(...facts)),
    beginPlan: () => new JoinedStep(first.beginPlan(), second.beginPlan()),
    beginExecution: () => new JoinedStep(first.beginExecution(), second.beginExecution()),
    beginRead: (...facts) => new JoinedStep(first.beginRead(...facts), second.beginRead(...facts)),
    beginLoad: (...facts) => new JoinedStep(first.beginLoad(...facts), second.beginLoad(...facts)),
    beginRefresh: (...facts) => new JoinedStep(first.beginRefresh(...facts), second.beginRefresh(...facts)),
    beginSync: () => new JoinedStep(first.beginSync(), second.beginSync()),
    beginCommand: (...facts) => new JoinedStep(first.beginCommand(...facts), second.beginCommand(...facts)),
    beginStatement: (...facts) => new JoinedStep(first.beginStatement(...facts), second.beginStatement(...facts)),
    answeredAtHand(facts) {
      first.answeredAtHand(facts)
      second.answeredAtHand(facts)
    },
  }
}
