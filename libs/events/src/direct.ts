// For producers without a database: importing it loads no database driver.
export { DirectPublisher, type DirectPublisherOptions } from './direct/direct-publisher.js';
