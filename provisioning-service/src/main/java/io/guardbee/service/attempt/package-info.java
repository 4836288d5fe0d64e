/** What was refused, kept for those who have to explain it. */
@NullMarked
package io.guardbee.service.attempt;

import org.jspecify.annotations.NullMarked;
