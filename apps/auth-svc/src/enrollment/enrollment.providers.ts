import { EnrolledAgents } from './enrolled-agents.js';
import { EnrollmentWorker } from './enrollment-worker.js';
import { EnrollmentService } from './enrollment.service.js';
import { EnrollmentsRepository } from './enrollments.repository.js';
import { UnusedAgents } from './unused-agents.js';

export const enrollment = [EnrollmentsRepository, EnrolledAgents, EnrollmentWorker, EnrollmentService, UnusedAgents];
