package io.guardbee.agent.cli;

import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads {@code 90s}, {@code 10m}, {@code 2h}, {@code 1d}, or ISO 8601 as in config.yaml. */
final class DurationConverter implements ITypeConverter<Duration> {

  private static final Pattern SHORT = Pattern.compile("([0-9]{1,6})([smhd])");

  @Override
  public Duration convert(String text) {
    Matcher matcher = SHORT.matcher(text);
    if (matcher.matches()) {
      long count = Long.parseLong(matcher.group(1));
      return switch (matcher.group(2)) {
        case "s" -> Duration.ofSeconds(count);
        case "m" -> Duration.ofMinutes(count);
        case "h" -> Duration.ofHours(count);
        default -> Duration.ofDays(count);
      };
    }
    try {
      Duration read = Duration.parse(text);
      if (!read.isNegative() && read.compareTo(Duration.ofDays(999_999)) <= 0) {
        return read;
      }
    } catch (DateTimeParseException e) {
      // refused below
    }
    throw new TypeConversionException("'" + text + "' is no duration such as 90s, 10m, 2h or 1d");
  }
}
