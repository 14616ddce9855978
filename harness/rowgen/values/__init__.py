"""Values: for each data type, texts in the type's own input syntax, as a Hypothesis strategy.

A value is text whatever its type, so that one code path serves every type that there is:
the server reads it. ``None`` is NULL. Adding a type is adding a line to a module's
``STRATEGIES``, by the name that ``pg_type`` has for it.
"""

from harness.rowgen.values.choose import inner_domains, values, values_of
from harness.rowgen.values.encoding import alphabet
from harness.rowgen.values.sample import sample
from harness.rowgen.values.typical_values import usual
from harness.rowgen.values.written import written

__all__ = ["alphabet", "inner_domains", "sample", "usual", "values", "values_of", "written"]
