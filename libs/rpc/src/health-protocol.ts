import type { MethodDefinition } from '@grpc/grpc-js';
import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire';

/**
 * The standard gRPC health protocol, Check and Watch (https://github.com/grpc/grpc-proto/blob/master/grpc/health/v1/health.proto).
 * Its two messages have one field each; the usual library parses their proto at every start, with 2 MB of code for that alone.
 */
export interface HealthRequest {
  /** The full name of a proto service, "" for the process. */
  service: string;
}

export interface HealthResponse {
  status: ServingStatus;
}

/** HealthCheckResponse.ServingStatus */
export const ServingStatus = { UNKNOWN: 0, SERVING: 1, NOT_SERVING: 2, SERVICE_UNKNOWN: 3 } as const;
export type ServingStatus = (typeof ServingStatus)[keyof typeof ServingStatus];

const FIELD = 1;

const codecs = {
  requestSerialize: ({ service }: HealthRequest) => {
    const writer = new BinaryWriter();
    if (service !== '') writer.tag(FIELD, WireType.LengthDelimited).string(service);
    return Buffer.from(writer.finish());
  },
  requestDeserialize: (bytes: Buffer): HealthRequest => ({
    service: read(bytes, WireType.LengthDelimited, (reader) => reader.string()) ?? '',
  }),
  responseSerialize: ({ status }: HealthResponse) => {
    const writer = new BinaryWriter();
    if (status !== ServingStatus.UNKNOWN) writer.tag(FIELD, WireType.Varint).int32(status);
    return Buffer.from(writer.finish());
  },
  responseDeserialize: (bytes: Buffer): HealthResponse => ({
    status: (read(bytes, WireType.Varint, (reader) => reader.int32()) ?? ServingStatus.UNKNOWN) as ServingStatus,
  }),
};

type Method = MethodDefinition<HealthRequest, HealthResponse>;

export const Health = {
  check: { path: '/grpc.health.v1.Health/Check', requestStream: false, responseStream: false, ...codecs } as Method,
  watch: { path: '/grpc.health.v1.Health/Watch', requestStream: false, responseStream: true, ...codecs } as Method,
};

/** The last value of the one field; what later versions of the protocol add is skipped. */
function read<T>(bytes: Buffer, type: WireType, value: (reader: BinaryReader) => T): T | undefined {
  const reader = new BinaryReader(bytes);
  let found: T | undefined;
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    if (field === FIELD && wireType === type) found = value(reader);
    else reader.skip(wireType, field);
  }
  return found;
}
