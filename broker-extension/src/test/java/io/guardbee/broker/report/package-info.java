/** Tests of report. */
@NullMarked
package io.guardbee.broker.report;

import org.jspecify.annotations.NullMarked;
