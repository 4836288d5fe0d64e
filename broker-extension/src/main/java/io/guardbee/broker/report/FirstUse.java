package io.guardbee.broker.report;

import io.guardbee.broker.status.CertificateKey;

/**
 * A certificate was accepted at a CONNECT.
 *
 * @param address of the peer, empty where the broker does not know it
 */
public record FirstUse(CertificateKey certificate, String address) {}
