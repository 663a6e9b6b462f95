/**
 * conformance/adapters/lbc-algorithm — upstream's table tests of maps laid over each other
 * (pkg/algorithm, as far as we have its functions).
 */
import {
  type Annotations,
  mergeStringMaps,
} from '../../src/controllers/load-balancer/annotations/parser.ts';
import type { Json } from '../lbc-aws.ts';
import { tableAdapter } from '../lbc-table.ts';

export const adapter = tableAdapter('pkg/algorithm', {
  TestMergeStringMap: {
    run: ({ args }) => mergeStringMaps(...((args as Json).maps as readonly Annotations[])),
  },
});
