package io.guardbee.broker.status;

/**
 * What one event did to one certificate.
 *
 * @param hash of its key, by the key of the table that it is for
 * @param tag a {@link Tag}; {@link Tag#NONE} lifts
 */
record Change(long hash, int tag) {}
