/**
 * load-balancer/ingress/alb-annotations — annotations of Ingresses, and of Services behind them, by
 * what follows `alb.ingress.kubernetes.io/`.
 */
import { AnnotationParser } from '../annotations/parser.ts';

export const alb = new AnnotationParser('alb.ingress.kubernetes.io');

/** The class annotation of old, which wins over the field. */
export const CLASS_ANNOTATION = 'kubernetes.io/ingress.class';
