package io.guardbee.service.audit;

import io.guardbee.pki.Fingerprint;

/**
 * A ceremony, as its record in {@code ca/ceremonies/} tells it.
 *
 * @param state whether the record was found good
 * @param record fingerprint of its file
 */
public record HeldCeremony(
    int number, String kind, String time, String state, Fingerprint record) {}
