package io.guardbee.service.cli;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** An end: a day (all of it, UTC), a moment, or a duration from now. */
final class UntilConverter implements ITypeConverter<Instant> {

  @Override
  public Instant convert(String text) {
    try {
      if (text.startsWith("P")) {
        return Instant.now().truncatedTo(ChronoUnit.SECONDS).plus(Duration.parse(text));
      }
      return text.contains("T")
          ? Instant.parse(text)
          : LocalDate.parse(text).plusDays(1).atStartOfDay(ZoneOffset.UTC).toInstant();
    } catch (DateTimeParseException e) {
      throw new TypeConversionException(
          "'" + text + "' is no end; write 2027-01-31, 2027-01-31T12:00:00Z or P30D");
    }
  }
}
