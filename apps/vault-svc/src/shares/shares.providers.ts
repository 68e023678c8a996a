import type { Provider } from '@nestjs/common';
import { ThrottlesRepository } from '@oneclaw/database';
import { CreateShareService } from './create-share.service.js';
import { ListSharesService } from './list-shares.service.js';
import { OpenShareService } from './open-share.service.js';
import { ShareAnswersService } from './share-answers.service.js';
import { ShareCreationsRepository } from './share-creations.repository.js';
import { SharePassphrases } from './share-passphrases.js';
import { ShareSweeper } from './share-sweeper.js';
import { SharesRepository } from './shares.repository.js';

export const shares: Provider[] = [
  SharesRepository,
  ShareCreationsRepository,
  ThrottlesRepository,
  SharePassphrases,
  CreateShareService,
  OpenShareService,
  ShareAnswersService,
  ListSharesService,
  ShareSweeper,
];
