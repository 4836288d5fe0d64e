package io.guardbee.service;

import org.junit.jupiter.api.extension.ExtendWith;

/** The same on PostgreSQL. */
@ExtendWith(PostgresHomes.class)
class CertificateRevocationOnPostgresTest extends CertificateRevocationTest {}
