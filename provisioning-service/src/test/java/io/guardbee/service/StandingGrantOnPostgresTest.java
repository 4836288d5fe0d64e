package io.guardbee.service;

import org.junit.jupiter.api.Disabled;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The same on PostgreSQL. */
@ExtendWith(PostgresHomes.class)
class StandingGrantOnPostgresTest extends StandingGrantTest {

  @Test
  @Disabled("it reaches into the files of H2")
  @Override
  void placeOfAnAbandonedCertificateIsGivenBackWhenNeeded() {}
}
