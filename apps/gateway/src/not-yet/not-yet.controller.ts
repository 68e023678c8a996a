import { Controller } from '@nestjs/common';
import { Operation } from '../api/operation.decorator.js';
import { HttpRefusal } from '../http/http-refusal.js';
import {
  getTransaction,
  listCreditTransactions,
  listTransactions,
  openBillingPortal,
  receiveBillingEvent,
  simulateTransaction,
  simulateTransactionBundle,
  submitTransaction,
  subscribe,
  topUpCredits,
} from './not-yet.operations.js';

function refuse(): never {
  throw new HttpRefusal(501, 'This installation does not serve this part of the API yet.');
}

@Controller()
export class NotYetController {
  @Operation(subscribe)
  subscribe(): void {
    refuse();
  }

  @Operation(openBillingPortal)
  openBillingPortal(): void {
    refuse();
  }

  @Operation(topUpCredits)
  topUpCredits(): void {
    refuse();
  }

  @Operation(listCreditTransactions)
  listCreditTransactions(): void {
    refuse();
  }

  @Operation(receiveBillingEvent)
  receiveBillingEvent(): void {
    refuse();
  }

  @Operation(submitTransaction)
  submitTransaction(): void {
    refuse();
  }

  @Operation(listTransactions)
  listTransactions(): void {
    refuse();
  }

  @Operation(getTransaction)
  getTransaction(): void {
    refuse();
  }

  @Operation(simulateTransaction)
  simulateTransaction(): void {
    refuse();
  }

  @Operation(simulateTransactionBundle)
  simulateTransactionBundle(): void {
    refuse();
  }
}
