import { Injectable } from '@nestjs/common';

/** What time it is. Months and periods end by it, so tests bring their own. */
@Injectable()
export class Clock {
  now(): Date {
    return new Date();
  }
}
