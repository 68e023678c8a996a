import { HoldReleaser } from './hold-releaser.js';
import { OrgMove } from './org-move.js';
import { OrgMovesRepository } from './org-moves.repository.js';
import { OrgMoves } from './org-moves.js';
import { OrgUse } from './org-use.js';

export const orgMoves = [OrgMovesRepository, OrgUse, OrgMove, OrgMoves, HoldReleaser];
