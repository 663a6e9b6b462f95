/**
 * conformance/adapters/lbc-annotations — upstream's table tests of annotations (pkg/annotations).
 *
 * Schema: shared vectors lbc/README.md, "tables". Options are Go functions: those that capture
 * prefixes add them, the other is the one for exact names.
 */
import {
  BOOL,
  INT64,
  type Shape,
  struct,
  TEXT,
} from '../../src/controllers/load-balancer/annotations/go-shape.ts';
import {
  AnnotationParser,
  type Annotations,
  type ParseOptions,
} from '../../src/controllers/load-balancer/annotations/parser.ts';
import { type Json, listOf } from '../lbc-aws.ts';
import { type TableRule, tableAdapter } from '../lbc-table.ts';

function optionsOf({ opts }: Json): ParseOptions {
  const captured = listOf(opts).map((it) => (it.captured as Json | undefined)?.prefixes);
  return {
    exact: captured.includes(undefined),
    alternativePrefixes: captured.flatMap((it) => (it ?? []) as readonly string[]),
  };
}

type Read = (
  parser: AnnotationParser,
  suffix: string,
  annotations: Annotations,
  options: ParseOptions,
) => unknown;

const parsing = (read: Read): TableRule => ({
  run: (it) => {
    const parser = new AnnotationParser(String(it.prefix ?? ''));
    const annotations = (it.annotations ?? {}) as Annotations;
    return read(parser, String(it.suffix), annotations, optionsOf(it));
  },
  wanted: ({ wantValue }) => wantValue,
});

const OBJECT: Shape = struct('testStruct', { name: TEXT, value: TEXT, weight: INT64, on: BOOL });

export const adapter = tableAdapter('pkg/annotations', {
  Test_annotationParser_ParseStringAnnotation: parsing((parser, ...rest) => parser.string(...rest)),
  Test_serviceAnnotationParser_ParseBoolAnnotation: parsing((parser, ...rest) =>
    parser.bool(...rest),
  ),
  Test_serviceAnnotationParser_ParseInt64Annotation: parsing((parser, ...rest) =>
    parser.int64(...rest),
  ),
  Test_serviceAnnotationParser_ParseJSONAnnotation: parsing(
    (parser, suffix, annotations, options) =>
      parser.json(suffix, annotations, OBJECT, 'annotations', options),
  ),
  Test_serviceAnnotationParser_ParseStringMapAnnotation: parsing((parser, ...rest) =>
    parser.stringMap(...rest),
  ),
  Test_serviceAnnotationParser_ParseStringSliceAnnotation: parsing((parser, ...rest) =>
    parser.stringList(...rest),
  ),
});
