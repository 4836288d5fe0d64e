/** The audit log: what was done, by whom, each entry chained to the one before, its end signed. */
@NullMarked
package io.guardbee.service.audit;

import org.jspecify.annotations.NullMarked;
