/** What libraries need that want nothing else of this one: nothing is loaded with it. */
export { activeTracing, type Carried, type OpenSpan, type SpanSpec, type Tracing } from './tracing/tracing.js';
