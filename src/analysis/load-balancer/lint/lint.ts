/** analysis/load-balancer/lint/lint — every check of the files that load balancers are made of. */
import { annotationNames } from './annotation-names.ts';
import { annotationValues } from './annotation-values.ts';
import { backendChecks } from './backend-checks.ts';
import { classChecks } from './class-checks.ts';
import { classParamsChecks } from './class-params-checks.ts';
import { type Finding, inReadingOrder } from './finding.ts';
import { groupChecks } from './group-checks.ts';
import type { LintInput } from './linted.ts';
import { listenerChecks } from './listener-checks.ts';
import { pathChecks } from './path-checks.ts';
import { rolloutChecks } from './rollout-checks.ts';
import { securityGroupChecks } from './security-group-checks.ts';
import { serviceChecks } from './service-checks.ts';
import { targetChecks } from './target-checks.ts';

const CHECKS: readonly ((input: LintInput) => readonly Finding[])[] = [
  annotationNames,
  annotationValues,
  classChecks,
  classParamsChecks,
  listenerChecks,
  groupChecks,
  pathChecks,
  backendChecks,
  targetChecks,
  securityGroupChecks,
  serviceChecks,
  rolloutChecks,
];

/** What is wrong, or odd, in the order of the files. */
export const lint = (input: LintInput): readonly Finding[] =>
  inReadingOrder(CHECKS.flatMap((check) => check(input)));
