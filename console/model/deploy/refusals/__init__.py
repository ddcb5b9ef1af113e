"""Why a plan is not carried out: each reason is found before anything is changed, with its mend."""
